import { onMounted, onWillUnmount } from "@odoo/owl";

const INTERVAL = 1500;

/**
 * Reload the record of a field component again and again, never over what the user has typed.
 *
 * @param {import("@odoo/owl").Component} component
 * @param {() => boolean} isWanted whether there is anything to wait for
 */
export function useRecordPolling(component, isWanted = () => true) {
    let timer;
    let isShown = true;
    const wait = () => {
        timer = setTimeout(poll, INTERVAL);
    };
    const poll = async () => {
        const { record } = component.props;
        try {
            if (isWanted() && !(await record.isDirty())) {
                await record.load();
            }
        } catch (error) {
            // A lost connection says so itself; this goes on when it is back.
            console.warn("The progress could not be read", error);
        }
        if (isShown) {
            wait();
        }
    };
    onMounted(wait);
    onWillUnmount(() => {
        isShown = false;
        clearTimeout(timer);
    });
}
