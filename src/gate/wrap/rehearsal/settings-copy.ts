import { writeSettings } from '../../../contracts/settings.ts'
import { labFields, type LabWay } from './lab-way.ts'

/** The text of a settings file with the connection that the key selects led to the copy; every other byte stays. Pure. */
export const ledToLab = (
  text: string,
  selected: { readonly file: string; readonly key: string | null },
  way: LabWay,
): string => writeSettings(text, selected, labFields(way))
