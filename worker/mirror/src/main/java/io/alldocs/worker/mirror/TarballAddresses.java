package io.alldocs.worker.mirror;

import java.net.URI;
import java.util.function.UnaryOperator;

/** Writes the addresses of tarballs anew: what stands before the path of a package becomes {@code base}. Immutable. */
final class TarballAddresses implements UnaryOperator<String> {
    private final String base;
    private final String registryPath;

    /**
     * @param base without a slash at its end counts the same as with one
     * @param registry whose path, if any, goes with what is replaced
     */
    TarballAddresses(URI base, URI registry) {
        this.base = withoutSlash(base.toString());
        this.registryPath = withoutSlash(registry.getRawPath() == null ? "" : registry.getRawPath());
    }

    static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /** For the tags of what was rewritten: another base, another tag. */
    String tag() {
        return "-" + Integer.toHexString(base.hashCode());
    }

    /** Whatever is no http address stays as it is. */
    @Override
    public String apply(String tarball) {
        if (!tarball.startsWith("http://") && !tarball.startsWith("https://")) {
            return tarball;
        }
        int slash = tarball.indexOf('/', tarball.indexOf("://") + 3);
        if (slash < 0) {
            return tarball;
        }
        String path = tarball.substring(slash);
        return base + (path.startsWith(registryPath + "/") ? path.substring(registryPath.length()) : path);
    }
}
