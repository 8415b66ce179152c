package io.alldocs.worker;

import io.alldocs.cache.Env;

/** Reads what {@link Env} has no method for. */
final class Variables {
    private Variables() {}

    /** @throws IllegalArgumentException naming the variable, when it is neither true nor false */
    static boolean flag(Env env, String name) {
        return switch (env.get(name).map(String::trim).orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException("The environment variable " + name + " must be true or false.");
        };
    }
}
