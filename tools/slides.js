// Starts a deck; an explorer starts when its slide is shown, and has the keys while it has the focus.
const deck = window.Reveal;
deck.initialize({
  hash: true,
  slideNumber: "c/t",
  disableLayout: true, // a slide scrolls rather than shrinks: an explorer must keep its pixels
  transition: "none",
  plugins: [window.RevealNotes],
  keyboardCondition: () => !document.activeElement?.closest(".lk-explorer, input, select"),
});

function start(slide) {
  for (const place of slide?.querySelectorAll("[data-explorer-script]") ?? []) {
    const script = document.createElement("script");
    script.src = place.dataset.explorerScript;
    script.async = false; // the module, then the state that it plays
    place.replaceWith(script);
  }
}
deck.on("ready", ({ currentSlide }) => start(currentSlide));
deck.on("slidechanged", ({ currentSlide }) => start(currentSlide));
