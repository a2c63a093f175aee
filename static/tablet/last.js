/** The last act of whoever is working, for the way back from it. */

/** @type {{entry: object, name: string, step: object | null} | null} */
export let lastAct = null;

export const rememberLastAct = (done) => (lastAct = done);

export const forgetLastAct = () => (lastAct = null);
