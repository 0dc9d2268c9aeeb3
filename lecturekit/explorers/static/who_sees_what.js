// Who sees what: the field of a unit above, the confusion of a pair below.

function render({ model, el }) {
  const body = shell(el, model);
  const save = throttle(() => model.save_changes(), 100);
  const put = (changes) => {
    Object.entries(changes).forEach(([key, value]) => model.set(key, value));
    save();
  };
  let spoken = () => "";
  const voice = announcer(() => spoken());
  const parts = [reachPane, pairPane].map((pane) => {
    const part = pane({
      model, put,
      touched: () => {
        spoken = part.words;
        voice.say();
      },
    });
    return part;
  });
  body.append(...parts.map((part) => part.node), voice.node);
  parts.forEach((part) => part.show());
  const stops = [
    onChanges(model, UNIT, parts[0].show), onChanges(model, ["pair", "shown"], parts[1].show), voice.stop, save.now,
  ];
  const [t, y, x] = model.get("size");
  decodeSheet(model.get("clip"), { t, y, x, columns: model.get("columns") }).then((pixels) => {
    parts[0].fill(pixels);
    body.dataset.ready = "true";
  });
  return () => stops.forEach((stop) => stop());
}

export default { render };
