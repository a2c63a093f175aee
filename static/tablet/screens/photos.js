/** The part of a form that takes photos: from the camera, small, seen before they are kept, taken out again, several. */

import { attachmentOf } from "../attachments.js";
import { clone, fill, on, part, slot } from "../dom.js";
import { t } from "../i18n.js";
import { NoPicture, smallPhoto } from "../photo.js";

const MOST = 8;

/**
 * Puts the part in its place in a form.
 * @param {HTMLElement} form with `data-part="photos"`
 * @returns {{attachments: () => Promise<import("../attachments.js").Attachment[]>, say: () => void, leave: () => void}} `attachments`
 *   waits for photos that are still being made small; `say` names them in the present language
 */
export function takePhotos(form) {
  const element = clone("t-photos");
  const file = element.querySelector("input");
  const add = element.querySelector('[data-action="add-photo"]');
  const taken = new Map(); // by name: the same photo twice is one
  let working = Promise.resolve();
  const say = () => [...taken.values()].forEach(({ item }, i) => (slot(item, "photo").alt = t("photos.photo", { n: i + 1 })));
  const draw = (problem = null) => {
    slot(element, "photos").replaceChildren(...[...taken.values()].map(({ item }) => item));
    say();
    add.hidden = taken.size >= MOST;
    element.dataset.photos = String(taken.size);
    fill(element, { "photo-problem": problem && t(problem) });
  };
  const take = async (files) => {
    let problem = null;
    element.dataset.photos = "working";
    for (const one of files) {
      try {
        const blob = await smallPhoto(one);
        const attachment = await attachmentOf(blob);
        if (taken.size < MOST && !taken.has(attachment.sha256)) taken.set(attachment.sha256, photo(attachment, blob));
      } catch (error) {
        if (!(error instanceof NoPicture)) throw error;
        problem = "photos.unreadable";
      }
    }
    draw(problem);
  };
  const photo = (attachment, blob) => {
    const item = clone("t-photo");
    const url = URL.createObjectURL(blob);
    slot(item, "photo").src = url;
    on(item, "remove-photo", () => {
      taken.delete(attachment.sha256);
      URL.revokeObjectURL(url);
      draw();
    });
    return { attachment, item, url };
  };
  on(element, "add-photo", () => file.click());
  file.addEventListener("change", () => {
    const files = [...file.files];
    file.value = ""; // the same file may be chosen again
    working = working.then(() => take(files));
  });
  draw();
  part(form, "photos").replaceWith(element);
  return {
    attachments: async () => {
      await working;
      return [...taken.values()].map(({ attachment }) => attachment);
    },
    say,
    leave: () => taken.forEach(({ url }) => URL.revokeObjectURL(url)),
  };
}
