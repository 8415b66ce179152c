package io.alldocs.examples.programs;

/** Checks the arguments of a program. */
final class Arguments {
    private Arguments() {}

    /**
     * Returns {@code args}, or prints the usage and ends the program with 2 if one is missing.
     *
     * @param names one word for each argument
     */
    static String[] require(String[] args, Class<?> program, String... names) {
        if (args.length < names.length) {
            System.err.println("Usage: " + program.getSimpleName() + " " + String.join(" ", names));
            System.exit(2);
        }
        return args;
    }
}
