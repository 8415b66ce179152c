package io.alldocs.worker;

import io.alldocs.Env;

/** Reads environment variables for which {@link Env} has no method. */
final class Variables {
    private Variables() {}

    /** @throws IllegalArgumentException if the value is neither true nor false; the message names the variable */
    static boolean flag(Env env, String name) {
        return switch (env.get(name).map(String::trim).orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException("The environment variable " + name + " must be true or false.");
        };
    }
}
