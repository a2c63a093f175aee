// Pictures of papers on the counselor's page: turned by quarters, larger and smaller. Without it a picture opens in a tab of its own.

for (const paper of document.querySelectorAll("[data-paper]")) {
  const image = /** @type {HTMLImageElement} */ (paper.querySelector("img"));
  let turns = 0;
  let size = 1;
  const draw = () => {
    const across = turns % 2 === 1 && image.naturalWidth ? image.naturalWidth / image.naturalHeight : 1;
    image.style.width = `${100 * size}%`;
    image.style.transform = `rotate(${90 * turns}deg) scale(${Math.min(1, across || 1)})`;
  };
  paper.querySelector("[data-turn]")?.addEventListener("click", () => { turns = (turns + 1) % 4; draw(); });
  paper.querySelector("[data-larger]")?.addEventListener("click", () => { size = Math.min(6, size * 1.5); draw(); });
  paper.querySelector("[data-smaller]")?.addEventListener("click", () => { size = Math.max(1, size / 1.5); draw(); });
  const tools = paper.querySelector("[data-paper-tools]");
  if (tools instanceof HTMLElement) tools.hidden = false;
}
