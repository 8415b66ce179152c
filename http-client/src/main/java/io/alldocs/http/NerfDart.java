package io.alldocs.http;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * npm's term for an address without its scheme, {@code //host[:port]/path/}. It is the prefix of settings for
 * everything at or below that address. This class normalizes it: the leading slashes and the last one are removed, and
 * the host is in lower case. Both host names of the npm registry are mapped to the same one.
 */
final class NerfDart {

    static final String NPM_REGISTRY = "registry.npmjs.com";

    private NerfDart() {}

    /** Returns the nerf dart of an address. */
    static String of(URI uri) {
        String host = Origins.isNpmRegistry(uri) ? NPM_REGISTRY : Origins.authority(uri);
        String path = uri.normalize().getRawPath();
        return withoutSlash(host + (path == null ? "" : path));
    }

    /** Returns the nerf dart of a setting's prefix, {@code //host/path/}. */
    static String of(String prefix) {
        String rest = prefix.substring(2);
        int slash = rest.indexOf('/');
        String host = (slash < 0 ? rest : rest.substring(0, slash)).toLowerCase(Locale.ROOT);
        String path = slash < 0 ? "" : rest.substring(slash);
        return withoutSlash((Origins.isNpmRegistryHost(host) ? NPM_REGISTRY : host) + path);
    }

    /** Returns the prefix of settings for {@code uri}. */
    static String prefix(URI uri) {
        return "//" + of(uri) + "/";
    }

    /** Returns the result of {@code lookUp} for the longest matching prefix of {@code uri}. */
    static <T> Optional<T> longest(URI uri, Function<String, @Nullable T> lookUp) {
        for (String place = of(uri); !place.isEmpty(); place = parent(place)) {
            T found = lookUp.apply(place);
            if (found != null) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    /** Removes the last path segment; returns an empty string above the host. */
    private static String parent(String place) {
        int slash = place.lastIndexOf('/');
        return slash < 0 ? "" : place.substring(0, slash);
    }

    private static String withoutSlash(String place) {
        return place.endsWith("/") ? place.substring(0, place.length() - 1) : place;
    }
}
