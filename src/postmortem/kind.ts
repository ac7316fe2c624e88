import type { EntryKind, WrongTurn } from './postmortem.ts'

/** What an entry tells, by simple words. The first kind that fits is taken, so their order is part of the meaning. */
const rules: readonly (readonly [EntryKind, RegExp])[] = [
  [
    'resolution',
    /(?<!(?:could|can|to|must|will) be )\b(?:restored|resolved|recovered)\b|\bback (?:to normal|online|up|in service)\b|\bfully operational\b|\bnormal operations?\b/,
  ],
  [
    'investigation',
    /\b(?:identified|discovered|found|revealed|revealing|traced|determined|pinpointed|diagnosed|isolated|caught|established)\b.*\b(?:cause[ds]?|misconfigur\w*|corrupt\w*|parameters?|error in|missing|because|due to)\b|\broot cause\b.*\b(?:identified|discovered|found|known|emerged|established)\b/,
  ],
  ['escalation', /\bescalat|\bhanded (?:over|to)\b|\bcalled in\b|\breinforcements?\b|\bbrought in\b/],
  [
    'misleading',
    /\bmislead|\bassum(?:ed|ption)|\bsuspect(?:ed|ing)?\b|\bsuspicions?\b|\bmisguided\b|\bhypothes|\bfirst thought\b|\bbeliev|\bred herring\b|\bfalse lead\b|\bdead end\b|\bin vain\b|\binitial investigation\b|\bfocus(?:ed|ing)? on\b|\bnothing (?:out of|wrong|unusual|abnormal)|\bruled out\b|\bblamed\b|\bwrong(?:ly)?\b/,
  ],
  [
    'mitigation',
    /\bappl(?:y|ied|ying)\b|\brectif|\bfix(?:ed|ing)?\b|\brepair|\broll(?:ed|ing)? ?back\b|\brevert|\brestart|\breconfigur|\bcorrect(?:ed|ing)?\b|\bpatch|\bmitigat|\bfail(?:ed)? ?over\b|\bpromot|\bput back\b/,
  ],
  [
    'detection',
    /\bdetect|\balert|\balarm|\bmonitor|\bnotic(?:ed|ing)\b|\bcomplain|\bnotified\b|\btold\b|\breport(?:s|ed)?\b|\boutage (?:begins|began|starts|started)\b|\bspike\b/,
  ],
]

const turns: readonly (readonly [WrongTurn, RegExp])[] = [
  ['network', /\bnetwork|\bconnectivity\b|\bdns\b|\bfirewall|\blatency\b|\bpacket/],
  ['load', /\bload\b|\btraffic\b|\bcpu\b|\bmemory\b|\bcapacity\b|\bd?dos\b/],
  ['deployment', /\bdeploy|\brelease|\broll(?:ed)?[ -]?out\b/],
  ['application-code', /\bapplication(?:'s)? code\b|\bcode ?base\b|\bbugs?\b|\bsource code\b/],
  [
    'server-down',
    /\bservers? (?:failure|failed|down|crash\w*|outage)|\bservers?\b.*\b(?:ordinary|normal|healthy|fine)\b|\bhardware\b/,
  ],
]

/** Behind this many characters an entry tells nothing new; it also bounds what the patterns cost. */
const looked = 400

/** The kind of an entry, whether it names the cause, and where it looked in vain. */
export function kindOf(entry: string): { kind: EntryKind; causeFound: boolean; wrongTurns: readonly WrongTurn[] } {
  const text = entry.slice(0, looked).toLowerCase()
  const rule = rules.find(([, pattern]) => pattern.test(text))
  // `engineering notified and investigation started` is what they did, not how they came to know.
  const kind = rule?.[0] === 'detection' && /\binvestigat/.test(text) ? 'investigation' : (rule?.[0] ?? plainKind(text))
  return {
    kind,
    causeFound:
      rule?.[0] === 'investigation' &&
      !/\bno(?:t| root)? cause\b|\bnot (?:yet )?(?:identified|found|known)\b/.test(text),
    wrongTurns: kind === 'misleading' ? wrongTurnsIn(text) : [],
  }
}

const plainKind = (text: string): EntryKind =>
  /\bdeployed\b|\bmigration\b|\bupdate (?:was )?(?:applied|installed|rolled)/.test(text) ? 'trigger' : 'investigation'

export const wrongTurnsIn = (text: string): readonly WrongTurn[] =>
  turns.filter(([, pattern]) => pattern.test(text.slice(0, looked).toLowerCase())).map(([turn]) => turn)

/** Words of repair in an entry that also speaks of the end: `rectified and service restored`. */
export const speaksOfRepair = (text: string): boolean =>
  rules.some(([kind, pattern]) => kind === 'mitigation' && pattern.test(text.slice(0, looked).toLowerCase()))
