/** A photograph by the camera, in a window of its own; on phones the camera's own app does it (`capture`). */
import type { ViewContext } from "../host/view.js";
import { t, type StringKey } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";

const SENTENCES: Readonly<Record<string, StringKey>> = {
  NotAllowedError: "prompt.cameraRefused", SecurityError: "prompt.cameraRefused", NotFoundError: "prompt.cameraNone",
  OverconstrainedError: "prompt.cameraNone", NotReadableError: "prompt.cameraBusy", AbortError: "prompt.cameraBusy",
};
/** A page of notation wants as many points as the camera has; more than this only makes the file large. */
const MOST_PIXELS = 4_096;

/** Whether this page may ask for the camera; where it may not, a phone still offers its own. */
export const cameraHere = (): boolean => window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);
/** A device that is held in the hand takes better photographs with its own app. */
export const isHandheld = (): boolean => matchMedia("(pointer: coarse)").matches;

/** Ask for a photograph; null where the person changed their mind. Rejects with one sentence. */
export async function takePhoto({ root, signal }: ViewContext): Promise<File | null> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: MOST_PIXELS }, height: { ideal: MOST_PIXELS } },
    });
  } catch (error) {
    throw new Error(t(SENTENCES[error instanceof DOMException ? error.name : ""] ?? "prompt.cameraFailed"));
  }
  const video = h("video", { autoplay: true, muted: true, playsinline: true, "aria-label": t("prompt.cameraView") });
  video.srcObject = stream;
  return new Promise((resolve) => {
    const end = (file: File | null): void => {
      for (const track of stream.getTracks()) track.stop();
      dialog.close();
      dialog.remove();
      resolve(file);
    };
    const shoot = button({ label: t("prompt.shoot"), icon: "record", text: true, kind: "primary", onclick: () => void photograph(video).then(end) });
    const dialog = h("dialog", { class: "camera wb-card", "aria-label": t("prompt.takePhoto"), oncancel: () => end(null) },
      h("p", {}, t("prompt.cameraHint")), video,
      h("div", { class: "row" }, shoot, button({ label: t("prompt.cancel"), text: true, kind: "outlined", onclick: () => end(null) })));
    root.append(dialog);
    dialog.showModal();
    shoot.focus();
    signal.addEventListener("abort", () => end(null), { once: true });
  });
}

async function photograph(video: HTMLVideoElement): Promise<File | null> {
  if (!video.videoWidth) return null;
  const canvas = h("canvas", { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d")!.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
  return blob && new File([blob], `${t("prompt.photoName")}.jpg`, { type: "image/jpeg" });
}
