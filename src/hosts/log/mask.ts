import { redact } from '../../core/redact.ts'

const shown = 1000

const literals: readonly (readonly [RegExp, string])[] = [
  [/\$([A-Za-z_]\w{0,60})?\$[\s\S]*?\$\1\$/g, "'…'"],
  [/(?<![\p{L}\d])E?'(?:[^'\\]|''|\\.){0,8000}'/gu, "'…'"],
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, '…@…'],
]

const masked = (text: string, masks: readonly (readonly [RegExp, string])[]): string =>
  redact(masks.reduce((rest, [pattern, words]) => rest.replace(pattern, words), text)).slice(0, shown)

const inMessage: readonly (readonly [RegExp, string])[] = [
  ...literals,
  // `invalid input syntax for type integer: "abc"`; a word that is not quoted, at the end of such a message, is a value too.
  [/: "[\s\S]{0,8000}"(?=$|\n)/g, ': "…"'],
  [/(^parameter "\w{1,60}_command" changed to )[\s\S]*/g, '$1"…"'],
  [/(\bvalue )"[\s\S]{0,8000}?"(?= is out of range)/g, '$1"…"'],
  [/(\bat or near )"(?![a-z_]{1,63}")[\s\S]{0,8000}?"/gi, '$1"…"'],
  [/(\b(?:token|character|string|parameters?) )"[\s\S]{0,8000}?"(?= (?:is invalid|has|in))/gi, '$1"…"'],
]

const inDetail: readonly (readonly [RegExp, string])[] = [
  // Statements of others: deadlocks and crashes repeat them.
  [/(\bProcess \d{1,10}: )(?!waits for)[^\n]*(?:\n(?!Process )[^\n]*)*/g, '$1…'],
  [/(Failed process was running: )[\s\S]*/g, '$1…'],
  [/(\b(?:remote|existing local|local|conflicting) (?:row|tuple|slot) )\([\s\S]*?\)(?=[;,.]|$)/gi, '$1(...)'],
  [/(Failing row contains )\([\s\S]*\)/g, '$1(...)'],
  [
    /=\([\s\S]*?\)(?= (?:already exists|is not present|is still referenced|conflicts with|is duplicated)|[.;,]?(?:\n|$)|; )/g,
    '=(...)',
  ],
  [/(\breplica identity(?: full)? )\([\s\S]*?\)(?=[;,.]|$)/gi, '$1(...)'],
  [/(\bpartition key of the failing row contains )\([\s\S]*\)/gi, '$1(...)'],
  [/(\bparameters: )[\s\S]*/gi, '$1…'],
  [/(\bToken |\bCharacter with value |\bJSON data, line \d{1,10}: )[\s\S]*/g, '$1…'],
  ...inMessage,
]

const inContext: readonly (readonly [RegExp, string])[] = [
  [/(\bSQL (?:statement|expression|function "[^"\n]{0,200}" statement) )"[\s\S]*?"(?=\n|$)/g, '$1"…"'],
  [/(\bremote (?:row|tuple) )\([\s\S]*?\)(?=[;,.]|$)/gi, '$1(...)'],
  [/(\b(?:line|column) [^:\n]{1,200}: )[^\n]*/g, '$1…'],
  [/(\bparameters?(?: \$\d{1,5})?(?:: | = ))[\s\S]*/g, '$1…'],
  [/(\bJSON data, line \d{1,10}: )[\s\S]*/g, '$1…'],
  [/(\bwhile evaluating |\bPL\/\w{1,20} assignment )"[\s\S]*?"(?=\n|$)/g, '$1"…"'],
  ...literals,
]

/** What an application puts into an error of its own: nobody knows which of it is a value. */
const ownWords: readonly (readonly [RegExp, string])[] = [
  ...inMessage,
  [/"[^"]{0,8000}"/g, '"…"'],
  [/[\w.-]*\d[\w.-]*/g, '…'],
]

/** A message without row values and literals. Names of objects, roles and files stay. */
export const maskMessage = (text: string, code: string | null): string =>
  masked(text, code?.startsWith('P0') ? ownWords : inMessage)

/** `Key (id)=(6001) already exists.` becomes `Key (id)=(...) already exists.` */
export const maskDetail = (text: string): string => masked(text, inDetail)

/** What the server was doing, without the statement that it did it for. */
export const maskContext = (text: string): string => masked(text, inContext)
