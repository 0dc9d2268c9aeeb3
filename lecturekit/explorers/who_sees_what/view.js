// Who sees what: the field of a unit above, the confusion of a pair below.

import { decodeSheet } from "../kit/sheet.js";
import { openView } from "../kit/view.js";
import { pairPane } from "./pair.js";
import { reachPane } from "./reach.js";

function render({ model, el }) {
  const view = openView({ model, el }, "who-sees-what");
  let moved = null; // the part in which the reader, not Python, moved something
  const say = view.voice(() => moved.words());
  const open = (pane) => {
    const part = pane(view, (changes) => {
      moved = part;
      say();
      view.put(changes);
    });
    view.body.append(part.node);
    view.onChange(part.keys, part.show);
    part.show();
    return part;
  };
  const reach = open(reachPane);
  open(pairPane);
  const [count, height, width] = view.get("size");
  const columns = view.get("columns");
  view.ready(decodeSheet(view.get("clip"), { count, height, width, columns }), reach.fill);
  return view.close;
}

export default { render };
