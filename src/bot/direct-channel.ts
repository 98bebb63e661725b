/** True for the id of a direct message channel. */
export const isDirect = (channel: string): boolean => channel.startsWith('D')
