package io.alldocs.spi;

import java.util.regex.Pattern;

/** The hosts of npm's public registry. Each has two names for the same service. */
public final class NpmHosts {
    private static final Pattern REGISTRY = Pattern.compile("registry\\.npmjs\\.(com|org)");
    private static final Pattern REPLICA = Pattern.compile("replicate\\.npmjs\\.(com|org)");

    private NpmHosts() {}

    /**
     * Returns whether this is a host of npm's registry or of its replica.
     *
     * @param host name in lower case
     */
    public static boolean isNpm(String host) {
        return isRegistry(host) || REPLICA.matcher(host).matches();
    }

    /**
     * Returns whether this is a host of npm's registry.
     *
     * @param host name in lower case
     */
    public static boolean isRegistry(String host) {
        return REGISTRY.matcher(host).matches();
    }
}
