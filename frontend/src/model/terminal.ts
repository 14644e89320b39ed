/* eslint-disable no-control-regex -- they are what this is about */
/** What programs in a container may not do to the page that shows them. */

/** Numbers of OSC sequences: titles, colours of the palette and of the ground, links, the clipboard, notices. */
export const NOT_FOR_CONTAINERS = [0, 1, 2, 7, 8, 9, 52, 777, 1337] as const;

const ANSWER = /^(?:\x1b\[[?>=]?[\d;]*\$?[Rcnytux]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\)+$/;

/** Whether a terminal says this by itself, since a program asked what it is, and nobody typed it. */
export const isAnswer = (text: string): boolean => text.length < 4096 && ANSWER.test(text);
