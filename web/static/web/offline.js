/* Where browsers allow it, by https or on the same machine, a page that cannot be loaded says so in
   our words. Asked for last, when this page has all it needs. */

const register = () => navigator.serviceWorker?.register("/service-worker.js").catch(() => null);

if (document.readyState === "complete") register();
else addEventListener("load", register);
