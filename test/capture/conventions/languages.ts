/**
 * What tells the languages of programs apart: how their stack traces are printed (docs/exceptions: the language's own way), and how the
 * instrumentation libraries made for them are called (their registries at opentelemetry.io).
 */

export interface Manner {
  /** A line that a stack trace of this language has. */
  stack: RegExp;
  /** Beginnings of scopes that only this language has. */
  scopes: readonly string[];
}

/** By telemetry.sdk.language. */
export const MANNERS: Readonly<Record<string, Manner>> = {
  java: { stack: /^\tat [\w.$/<>@-]+\([^)]*\)$/m, scopes: ["io.opentelemetry."] },
  kotlin: { stack: /^\tat [\w.$/<>@-]+\([^)]*\)$/m, scopes: ["io.opentelemetry."] },
  nodejs: { stack: /^ {4}at .+:\d+:\d+\)?$/m, scopes: ["@opentelemetry/"] },
  python: {
    stack: /^Traceback \(most recent call last\):$[\s\S]*^ {2}File ".+", line \d+, in /m,
    scopes: ["opentelemetry.instrumentation."],
  },
  go: { stack: /^\t\S+\.go:\d+(?: \+0x[0-9a-f]+)?$/m, scopes: ["go.opentelemetry.io/", "github.com/"] },
  dotnet: { stack: /^ {3}at .+/m, scopes: ["OpenTelemetry.Instrumentation.", "Microsoft.", "System.Net."] },
  ruby: { stack: /:\d+:in [`'].+'/m, scopes: ["OpenTelemetry::"] },
  php: { stack: /^#\d+ .+/m, scopes: ["io.opentelemetry.contrib.php"] },
  rust: { stack: /^ +\d+: .+|^ {10,}at .+\.rs:\d+/m, scopes: ["opentelemetry_", "tracing"] },
};

/** The languages that a scope's name speaks for, longest beginning first; none when it says nothing. */
export function languagesOfScope(scope: string): string[] {
  let longest = "";
  let languages: string[] = [];
  for (const [language, { scopes }] of Object.entries(MANNERS)) {
    for (const beginning of scopes.filter((one) => scope.startsWith(one))) {
      if (beginning.length > longest.length) languages = [];
      if (beginning.length < longest.length) continue;
      longest = beginning;
      languages.push(language);
    }
  }
  return languages;
}
