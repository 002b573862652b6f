/** The mixer's constants: the same file that Python reads. */
import table from "../../../sound/mixer_table.json";

export const TABLE = table;
