import { z } from "zod";

/**
 * The schema of an object whose keys are names from outside, and whose values are all of one form.
 *
 * Not z.record, which leaves out whatever is called `__proto__`: a name that an exporter may have. What is parsed is handed on as it is, so the
 * form is not to transform anything.
 */
export function byName<T extends z.ZodType>(one: T): z.ZodType<Record<string, z.output<T>>> {
  const { $schema: _, ...form } = z.toJSONSchema(one);
  const isOfForm = (value: unknown) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => one.safeParse(each).success);
  return z.unknown().refine(isOfForm).meta({ type: "object", additionalProperties: form }) as z.ZodType<
    Record<string, z.output<T>>
  >;
}
