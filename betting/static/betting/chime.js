/* Two tones and a touch when a question opens, three when one pays: only for who switched it on. */

import { inBrowser } from "../web/kept.js";

const ON = "ringside.chime";
const TONE_S = 0.16;
// In hertz, and in milliseconds of trembling and rest.
const SIGNS = {
  opens: { tones: [523, 784], touch: [80] },
  pays: { tones: [523, 659, 1047], touch: [60, 60, 120] },
};

export class Chime {
  #box;
  #sound = null;

  /** box is the switch of the page; it is off until somebody switches it on. */
  constructor(box) {
    this.#box = box;
    box.checked = inBrowser.get(ON) !== null;
    box.addEventListener("change", () => {
      if (!box.checked) return inBrowser.drop(ON);
      inBrowser.set(ON, "1");
      this.opens();
    });
    // Browsers let a page sound only after its reader has touched it.
    addEventListener("pointerdown", () => box.checked && this.#wake());
  }

  opens() {
    this.#give(SIGNS.opens);
  }

  pays() {
    this.#give(SIGNS.pays);
  }

  #wake() {
    this.#sound ??= globalThis.AudioContext ? new AudioContext() : null;
    if (this.#sound?.state === "suspended") this.#sound.resume().catch(() => {});
    return this.#sound;
  }

  #give({ tones, touch }) {
    if (!this.#box.checked) return;
    navigator.vibrate?.(touch);
    const sound = this.#wake();
    if (sound) tones.forEach((hertz, place) => play(sound, hertz, sound.currentTime + place * TONE_S));
  }
}

function play(sound, hertz, atS) {
  const tone = new OscillatorNode(sound, { frequency: hertz, type: "triangle" });
  const volume = new GainNode(sound, { gain: 0 });
  volume.gain.setValueAtTime(0, atS);
  volume.gain.linearRampToValueAtTime(0.2, atS + 0.02);
  volume.gain.linearRampToValueAtTime(0, atS + TONE_S);
  tone.connect(volume).connect(sound.destination);
  tone.start(atS);
  tone.stop(atS + TONE_S);
}
