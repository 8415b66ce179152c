package io.alldocs.packument;

import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A registry as seen by one client: its URL, and the pattern of its latest responses. A single refusal or HTML page is
 * attributed to one name; many in a row, for different names, are attributed to the registry. Safe for concurrent use.
 */
final class Registry {

    private final URI base;
    private final int limit;
    private final Set<String> refused = new LinkedHashSet<>();
    private final Set<String> answeredByIntermediary = new LinkedHashSet<>();
    private final ReentrantLock probing = new ReentrantLock();
    private volatile @Nullable NotFoundStyle notFound;

    Registry(URI base, int limit) {
        this.base = base;
        this.limit = limit;
    }

    /** @throws IllegalArgumentException unless names can be appended to {@code address} */
    static URI checked(URI address) {
        String scheme = address.getScheme();
        boolean http = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
        if (!http || address.getHost() == null || address.getRawQuery() != null || address.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "Not the address of a registry: it must be an http or https address with a host. A path is optional,"
                            + " and query and fragment are not allowed. Example: https://registry.npmjs.com.");
        }
        if (address.getRawUserInfo() != null) {
            throw new IllegalArgumentException("The address of registry " + address.getHost()
                    + " contains user information. Put the credentials into .npmrc or NPM_TOKEN instead.");
        }
        return address;
    }

    URI base() {
        return base;
    }

    /** Returns the URL from which {@code name} is requested. */
    URI addressOf(String name) {
        String text = base.toString();
        String root = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        return URI.create(root + PackageName.urlPath(name));
    }

    /** Records a regular response, which shows that earlier refusals and pages concerned only their names. */
    synchronized void recordResponse() {
        refused.clear();
        answeredByIntermediary.clear();
    }

    /** Records a 403 response for a name. */
    synchronized void recordRefusal(String name) {
        refused.add(name);
    }

    /**
     * Returns the statuses that concern the requested name. After too many 403 responses in a row, the HTTP client
     * attributes the next one to the credentials and throws an exception.
     */
    synchronized Integer[] acceptedStatuses() {
        return refused.size() < limit ? new Integer[] {400, 403, 404, 410, 451} : new Integer[] {400, 404, 410, 451};
    }

    /** Returns how the registry sends a 404; empty until that is learned. */
    Optional<NotFoundStyle> notFoundStyle() {
        return Optional.ofNullable(notFound);
    }

    /** Learns how the registry sends a 404, with one request of one caller. Other callers wait for it. */
    void learnNotFoundStyle(Supplier<Optional<NotFoundStyle>> probe) {
        probing.lock();
        try {
            if (notFound == null) {
                notFound = probe.get().orElse(null);
            }
        } finally {
            probing.unlock();
        }
    }

    /**
     * Records a response that is not from the registry.
     *
     * @throws NotARegistryException if there were too many in a row
     */
    synchronized void recordIntermediary(String name, String what) {
        if (answeredByIntermediary.size() < limit) {
            answeredByIntermediary.add(name);
        }
        if (answeredByIntermediary.size() >= limit) {
            throw new NotARegistryException("GET " + base + ": the last " + answeredByIntermediary.size()
                    + " responses did not come from a registry. The last one was for "
                    + PackageName.quote(name) + " with " + what
                    + ". The server is not an npm registry, or a proxy responds in its place. Check the address and"
                    + " the proxy.");
        }
    }

    /** Returns the names whose refusals were recorded before there were too many in a row. */
    synchronized List<String> suspects() {
        return refused.size() >= limit ? List.copyOf(refused) : List.of();
    }
}
