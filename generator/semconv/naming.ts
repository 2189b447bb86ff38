/**
 * What an attribute goes out as: under its stable name, under the one that it had before, or both.
 *
 * Instrumentations switch by OTEL_SEMCONV_STABILITY_OPT_IN: the old names, the stable ones, or both ("dup").
 */
import { OLD_FORMS, OLD_FORMS_BY_PLACE, type Place, type Rendering } from "./old-forms.ts";

/** What goes out for the attribute of a stable name; nothing leaves the attribute out. */
export type Naming = (name: string) => readonly Rendering[];

/** Whether traces follow the stable conventions, the ones before them, or both. */
export type Semconv = "stable" | "old" | "dup";

/** The path with its query: an attribute of the old conventions only. */
export const OLD_TARGET = "http.target";

/** Each attribute under its stable name. */
export const stableNames: Naming = (name) => (name === OLD_TARGET ? [] : [{ name }]);

/** The naming of a run, for attributes of spans of one kind: some old names differ by it. */
export function namingOf(semconv: Semconv, place: Place): Naming {
  if (semconv === "stable") return stableNames;
  return (name) => {
    const old = oldFormsOf(name, place);
    if (semconv === "old") return old;
    const stable = stableNames(name);
    // Where both conventions give a meaning of their own to one name, the stable one counts.
    return [...stable, ...old.filter((form) => stable.every((each) => each.name !== form.name))];
  };
}

function oldFormsOf(name: string, place: Place): readonly Rendering[] {
  const form = OLD_FORMS_BY_PLACE[place]?.[name] ?? OLD_FORMS[name] ?? name;
  if (form === "") return [];
  if (typeof form === "string") return [{ name: form }];
  return "name" in form ? [form] : form;
}
