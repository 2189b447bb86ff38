/**
 * Languages that services are written in, in the order in which they take them.
 */
import { DOTNET } from "./languages/dotnet.ts";
import { GO } from "./languages/go.ts";
import { JAVA } from "./languages/java.ts";
import type { Language } from "./languages/language.ts";
import { NODE } from "./languages/nodejs.ts";
import { PHP } from "./languages/php.ts";
import { PYTHON } from "./languages/python.ts";
import { RUBY } from "./languages/ruby.ts";
import { RUST } from "./languages/rust.ts";

export type { Language, Library } from "./languages/language.ts";

/** Round and round; the commonest come more than once. */
export const LANGUAGES: readonly Language[] = [
  NODE,
  JAVA,
  GO,
  PYTHON,
  DOTNET,
  JAVA,
  GO,
  NODE,
  RUBY,
  PYTHON,
  PHP,
  JAVA,
  RUST,
];
