/** The icon of the pages, as a data URI: a flower in a frame. */
export const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#9a4f24"/><g fill="#ffe0a8"><circle cx="16" cy="9.5" r="5"/><circle cx="16" cy="22.5" r="5"/><circle cx="9.5" cy="16" r="5"/><circle cx="22.5" cy="16" r="5"/></g><circle cx="16" cy="16" r="4" fill="#9a4f24"/></svg>',
)}`;
