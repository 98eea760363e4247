// Shows what is pushed to this browser while no page is open, and leads to the case when it is clicked.
self.addEventListener("push", (event) => {
  const { title, body, url, tag } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag, renotify: true, data: { url } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});

/** An open console goes to the case; without one a new window does. */
async function open(url) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const console = windows.find((page) => new URL(page.url).pathname.startsWith("/console"));
  if (!console) return self.clients.openWindow(url);
  await console.focus();
  return console.navigate(url).catch(() => self.clients.openWindow(url));
}
