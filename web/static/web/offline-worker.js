/* The service worker: it shows a page of its own where a page cannot be loaded, and keeps nothing
   else. What it may keep stands in FILES, which /service-worker.js sets; the first is that page.
   Whatever the network answers goes through as it is. */

const CACHE = "offline";

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  // Pages are asked for while the worker starts, so that nobody waits for it.
  event.waitUntil(self.registration.navigationPreload?.enable());
});

self.addEventListener("fetch", (event) => {
  const { mode, method, url } = event.request;
  const isPage = mode === "navigate" && method === "GET";
  if (isPage || self.FILES.includes(new URL(url).pathname)) event.respondWith(answer(event, isPage));
});

async function keep() {
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  await cache.addAll(self.FILES);
}

async function answer(event, isPage) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    const kept = await caches.match(isPage ? self.FILES[0] : event.request);
    return kept ?? Response.error();
  }
}
