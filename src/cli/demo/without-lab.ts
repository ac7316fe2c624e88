/** Where a lab lies says nothing to whoever looks at its demo. */
export const withoutLab = (text: string): string => text.replaceAll(/[^\s("']*\/antemortem-lab-\w+\//g, '')
