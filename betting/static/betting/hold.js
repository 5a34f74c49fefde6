/* A button for what cannot be taken back: held for a second, or pressed twice where nothing can be
   held: with Enter, by voice, by a screen reader. */

const HOLD_MS = 1_000;
const TWICE_MS = 3_000;

/** Call act() when `button` was held for a second, or pressed twice without a pointer, and early()
    when it was let go before. */
export function bindHold(button, act, early) {
  let since = null;
  let frame = 0;
  let firstPress = -Infinity;

  const show = (part) => button.style.setProperty("--held", String(part));
  const letGo = () => {
    cancelAnimationFrame(frame);
    since = null;
    show(0);
  };
  const fill = (now) => {
    if (since === null) return;
    const part = Math.min(100, ((now - since) / HOLD_MS) * 100);
    show(part);
    if (part < 100) frame = requestAnimationFrame(fill);
    else {
      letGo();
      act();
    }
  };
  const press = () => {
    if (button.disabled) return;
    const isSecond = performance.now() - firstPress < TWICE_MS;
    firstPress = isSecond ? -Infinity : performance.now();
    show(isSecond ? 0 : 50);
    if (isSecond) act();
  };
  button.addEventListener("pointerdown", (event) => {
    if (button.disabled || event.button !== 0) return;
    since = performance.now();
    frame = requestAnimationFrame(fill);
  });
  button.addEventListener("pointerup", () => since !== null && early());
  for (const end of ["pointerup", "pointerleave", "pointercancel", "blur"]) {
    button.addEventListener(end, letGo);
  }
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (!event.repeat) press();
  });
  // A click that no pointer made.
  button.addEventListener("click", (event) => { if (event.detail === 0) press(); });
}
