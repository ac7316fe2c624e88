/** A log of SARIF 2.1.0 as far as we write it: what code hosts and editors show as findings. Field names are the standard's. */
export interface SarifLog {
  readonly $schema: string
  readonly version: '2.1.0'
  readonly runs: readonly SarifRun[]
}

export type SarifLevel = 'note' | 'warning' | 'error'

interface Text {
  readonly text: string
  readonly markdown?: string
}

export interface SarifRule {
  readonly id: string
  readonly shortDescription: Text
  readonly fullDescription: Text
  readonly help: Text
  readonly defaultConfiguration: { readonly level: SarifLevel }
}

export interface SarifLocation {
  readonly logicalLocations: readonly {
    readonly name: string
    readonly fullyQualifiedName: string
    readonly kind: string
  }[]
  readonly physicalLocation?: {
    readonly artifactLocation: { readonly uri: string }
    readonly region?: { readonly startLine: number; readonly startColumn?: number }
  }
}

export interface SarifResult {
  readonly ruleId: string
  readonly ruleIndex?: number
  readonly level: SarifLevel
  readonly message: Text
  readonly locations: readonly SarifLocation[]
  /** Equal for the same finding in every run: what a host goes by to tell new from known. */
  readonly partialFingerprints: Readonly<Record<string, string>>
  readonly baselineState?: 'new' | 'unchanged' | 'absent'
  readonly suppressions?: readonly { readonly kind: 'external'; readonly justification: string }[]
}

export interface SarifNotification {
  readonly level: SarifLevel
  readonly message: Text
  /** Absent where it is about no single rule. */
  readonly associatedRule?: { readonly id: string }
}

interface SarifRun {
  readonly tool: {
    readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly SarifRule[] }
  }
  readonly invocations: readonly {
    readonly executionSuccessful: boolean
    readonly toolExecutionNotifications: readonly SarifNotification[]
  }[]
  readonly results: readonly SarifResult[]
}

/** One run of one tool; each result knows the place of its rule. */
export function sarifLog(run: {
  readonly version: string
  readonly rules: readonly SarifRule[]
  readonly results: readonly SarifResult[]
  /** What could not be looked at. */
  readonly notifications: readonly SarifNotification[]
}): SarifLog {
  const places = new Map(run.rules.map(({ id }, n) => [id, n]))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'antemortem', version: run.version, rules: run.rules } },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: run.notifications }],
        results: run.results.map((result) => {
          const ruleIndex = places.get(result.ruleId)
          return ruleIndex === undefined ? result : { ...result, ruleIndex }
        }),
      },
    ],
  }
}
