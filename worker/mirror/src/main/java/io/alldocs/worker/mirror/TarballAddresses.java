package io.alldocs.worker.mirror;

import io.alldocs.http.ClientRequest;
import io.alldocs.packument.PackageName;
import java.net.URI;

/**
 * Addresses of tarballs on this mirror: {@code BASE/NAME/-/NAME-VERSION.tgz}, as npm writes them, whatever the
 * registry's addresses look like. The mirror finds the registry's address by name and version. Immutable.
 */
final class TarballAddresses {
    private static final String SUFFIX = ".tgz";

    private final String base;

    /** @param base with or without a trailing slash */
    TarballAddresses(URI base) {
        this.base = withoutSlash(base.toString());
    }

    static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /** Returns the ETag part of rewritten documents. It changes with the base and with the format of addresses. */
    String tag() {
        return "-" + Integer.toHexString((base + "/-/").hashCode());
    }

    /**
     * Returns the address for a version's tarball. Addresses other than http and https are not changed, because no
     * client fetches them.
     */
    String of(String name, String version, String tarball) {
        if (!isHttp(tarball)) {
            return tarball;
        }
        String path = PackageName.urlPath(name).replace("%2f", "/");
        return base + path + "/-/" + ClientRequest.encoded(fileOf(name, version));
    }

    static boolean isHttp(String tarball) {
        return tarball.regionMatches(true, 0, "http://", 0, "http://".length())
                || tarball.regionMatches(true, 0, "https://", 0, "https://".length());
    }

    /** Returns {@code name-1.0.0.tgz}, without the scope. */
    static String fileOf(String name, String version) {
        return name.substring(name.indexOf('/') + 1) + '-' + version + SUFFIX;
    }
}
