package io.alldocs.examples.programs;

import io.alldocs.Env;
import io.alldocs.cache.JsonTree;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentResult;
import java.io.PrintStream;

/** Prints the latest version of a package and its dependencies. Argument: the package's name. */
public final class FetchPackument {
    private FetchPackument() {}

    /** Runs the program. */
    public static void main(String[] args) {
        run(Env.system(), System.out, Arguments.require(args, FetchPackument.class, "NAME")[0]);
    }

    // region fetch-packument
    static void run(Env env, PrintStream out, String name) {
        try (PackumentClient client = PackumentClient.builder().env(env).build()) {
            PackumentResult result = client.request(name);
            if (result.entry().isEmpty()) { // not found, blocked, …: a valid response of the registry, not an error
                out.println(result.name() + ": " + result.outcome());
                return;
            }
            JsonTree packument = result.json();
            String latest = packument.path("dist-tags").path("latest").asText();
            out.println(result.name() + " " + latest);
            packument
                    .path("versions")
                    .path(latest)
                    .path("dependencies")
                    .properties()
                    .forEach(dependency -> out.println("  " + dependency.getKey() + " "
                            + dependency.getValue().asText()));
        }
    }
    // endregion
}
