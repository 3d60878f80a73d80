/* eslint-env serviceworker */
/* The service worker of the portal: shows the messages that the server pushes. */

self.addEventListener("push", (event) => {
    const { title, options } = event.data.json();
    event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const { url } = event.notification.data || {};
    // Only pages of this portal, whatever was pushed.
    if (url && new URL(url, self.location.origin).origin === self.location.origin) {
        event.waitUntil(self.clients.openWindow(url));
    }
});
