// Shows what is pushed to this browser while no page is open, and leads to the case when it is clicked.
self.addEventListener("push", (event) => {
  const { title, body, url, tag } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag, renotify: true, data: { url } }));
});

// Only a page that is ours can be led elsewhere, also one that was open before we were.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});

/** An open console goes to the case and comes to the front; without one a new window does. A click allows one of the
 * two, so the page is led there before it is shown. */
async function open(url) {
  const [page] = await self.clients.matchAll({ type: "window" });
  if (!page) return self.clients.openWindow(url);
  const led = await page.navigate(url);
  return led?.focus();
}
