/** How long compiling may look for a smaller frame: `best` takes several times as long as `fast`. Either decodes to the same. */
export type Effort = "fast" | "best";
