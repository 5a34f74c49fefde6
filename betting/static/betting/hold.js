/* A button for what cannot be taken back: held for a second, or Enter pressed twice. */

const HOLD_MS = 1_000;
const TWICE_MS = 3_000;

/** Call act() when `button` was held for a second, or confirmed twice by keyboard. */
export function bindHold(button, act) {
  let since = null;
  let frame = 0;
  let firstEnter = -Infinity;

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
  button.addEventListener("pointerdown", (event) => {
    if (button.disabled || event.button !== 0) return;
    since = performance.now();
    frame = requestAnimationFrame(fill);
  });
  for (const end of ["pointerup", "pointerleave", "pointercancel", "blur"]) {
    button.addEventListener(end, letGo);
  }
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (event.repeat || button.disabled) return;
    const isSecond = performance.now() - firstEnter < TWICE_MS;
    firstEnter = isSecond ? -Infinity : performance.now();
    show(isSecond ? 0 : 50);
    if (isSecond) act();
  });
}
