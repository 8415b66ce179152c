package io.alldocs.worker.mirror;

import io.alldocs.http.HttpCall;
import io.alldocs.packument.PackageName;
import java.net.URI;

/**
 * Addresses of tarballs below the mirror's own: {@code BASE/NAME/-/NAME-VERSION.tgz}, as npm writes them, whatever the registry's look like. The mirror finds
 * the registry's again by name and version. Immutable.
 */
final class TarballAddresses {
    private static final String SUFFIX = ".tgz";

    private final String base;

    /** @param base without a slash at its end counts the same as with one */
    TarballAddresses(URI base) {
        this.base = withoutSlash(base.toString());
    }

    static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /** For the tags of what was rewritten: another base or another form of address, another tag. */
    String tag() {
        return "-" + Integer.toHexString((base + "/-/").hashCode());
    }

    /** The address for a version's tarball. Whatever is no http address stays as it is: no client fetches it. */
    String of(String name, String version, String tarball) {
        if (!isHttp(tarball)) {
            return tarball;
        }
        String path = PackageName.urlPath(name).replace("%2f", "/");
        return base + path + "/-/" + HttpCall.encoded(fileOf(name, version));
    }

    static boolean isHttp(String tarball) {
        return tarball.regionMatches(true, 0, "http://", 0, "http://".length())
                || tarball.regionMatches(true, 0, "https://", 0, "https://".length());
    }

    /** {@code name-1.0.0.tgz}, without a scope. */
    static String fileOf(String name, String version) {
        return name.substring(name.indexOf('/') + 1) + '-' + version + SUFFIX;
    }
}
