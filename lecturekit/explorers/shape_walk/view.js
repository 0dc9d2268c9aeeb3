// The shape walk: the stack of layers above, the sliding kernel below. Python sends where to start;
// everything that follows from it is computed here, live.

import { openView } from "../kit/view.js";
import { SLIDE, slidePane } from "./slide.js";
import { STACK, stackPane } from "./stack.js";

function render({ model, el }) {
  const view = openView({ model, el }, "shape-walk");
  const [stack, slide] = [stackPane(view), slidePane(view)];
  view.body.append(stack.node, slide.node);
  stack.show();
  slide.show();
  view.onChange(STACK, stack.show);
  view.onChange(SLIDE, slide.show);
  view.ready();
  return view.close;
}

export default { render };
