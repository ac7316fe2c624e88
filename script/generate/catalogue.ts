import { existsSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A catalogue: a folder in which every file exports one object as default, and the list made of it. */
export interface Catalogue {
  /** Name of the list, and of the folder of its pages in docs. */
  readonly name: string
  /** Of the list in its file, where it is another. */
  readonly exportName?: string
  /** Holds the files, from the project's root. */
  readonly folder: string
  /** The list's file. */
  readonly list: string
  /** Whether files lie in groups, `folder/group/name.ts`, or flat. */
  readonly grouped: boolean
  /** The type of an entry and the module that has it, where it is core's. */
  readonly type?: readonly [name: string, module: string]
}

export const catalogues: readonly Catalogue[] = [
  {
    name: 'checks',
    folder: 'src/checks',
    list: 'src/checks/list.generated.ts',
    grouped: true,
    type: ['Check', '../core/check.ts'],
  },
  {
    name: 'causes',
    folder: 'src/diagnosis/causes',
    list: 'src/diagnosis/causes.generated.ts',
    grouped: true,
    type: ['Cause', '../core/diagnosis.ts'],
  },
  {
    name: 'suspects',
    folder: 'src/diagnosis/suspects',
    list: 'src/diagnosis/suspects.generated.ts',
    grouped: false,
    type: ['Suspect', '../core/diagnosis.ts'],
  },
  {
    name: 'gate/review',
    exportName: 'reviewRules',
    folder: 'src/gate/review/rules',
    list: 'src/gate/review/rules.generated.ts',
    grouped: true,
    type: ['ReviewRule', './rule.ts'],
  },
  { name: 'rules', folder: 'src/gate/rules', list: 'src/gate/rules.generated.ts', grouped: true },
  { name: 'wrapRules', folder: 'src/gate/wrap/rules', list: 'src/gate/wrap/rules.generated.ts', grouped: true },
  {
    name: 'drills',
    folder: 'src/drills/outages',
    list: 'src/drills/list.generated.ts',
    grouped: false,
    type: ['Drill', './scene.ts'],
  },
]

/** The entries' files from the root, in the order of the list: by path, and by number where a name begins with one. */
export function filesOf(root: string, catalogue: Catalogue): readonly string[] {
  const folder = join(root, catalogue.folder)
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.(test|generated)\.ts$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => (catalogue.grouped ? /^[^/]+\/[^/]+$/ : /^[^/]+$/).test(path) && !path.startsWith('testing/'))
    .filter((path) => catalogue.name !== 'drills' || /^[a-z0-9]+-/.test(path))
    .sort(byNumberThenText)
    .map((path) => `${catalogue.folder}/${path}`)
}

/** `2-…` before `10-…`; else by code unit, which no locale moves. */
function byNumberThenText(a: string, b: string): number {
  const byNumber = Number.parseInt(a, 10) - Number.parseInt(b, 10)
  if (!Number.isNaN(byNumber) && byNumber !== 0) return byNumber
  return a < b ? -1 : a > b ? 1 : 0
}

/** `replication/slot-lost`: also the id and the page. */
export const idOf = (catalogue: Catalogue, file: string): string =>
  file.slice(catalogue.folder.length + 1, -'.ts'.length)

const identifier = (id: string): string => {
  const words = id.split(/[^a-z0-9]+/i).filter(Boolean)
  const joined = words.map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('')
  return /^\d/.test(joined) ? `_${joined}` : joined
}

/** The list as source text: static imports, because a directory read at run time loses the types. */
export function listText(root: string, catalogue: Catalogue): string {
  const files = filesOf(root, catalogue)
  const from = catalogue.list.slice(0, catalogue.list.lastIndexOf('/'))
  const imports = files.map(
    (file) => `import ${identifier(idOf(catalogue, file))} from './${relative(from, file).split(sep).join('/')}'`,
  )
  const names = files.map((file) => `  ${identifier(idOf(catalogue, file))},`)
  const type = catalogue.type ? `: readonly ${catalogue.type[0]}[]` : ''
  return [
    '// Written by `npm run generate`; not to be edited.',
    ...(catalogue.type ? [`import type { ${catalogue.type[0]} } from '${catalogue.type[1]}'`] : []),
    ...imports,
    '',
    `export const ${catalogue.exportName ?? catalogue.name}${type} = [`,
    ...names,
    ']',
    '',
  ].join('\n')
}

/** What a file of the catalogue exports as default. */
export async function entryOf(root: string, file: string): Promise<unknown> {
  const module: unknown = await import(pathToFileURL(join(root, file)).href)
  if (typeof module !== 'object' || module === null || !('default' in module))
    throw new Error(`${file} has no default export`)
  return module.default
}
