package io.alldocs.worker.mirror;

import io.alldocs.packument.PackageName;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What a request's address asks for. */
sealed interface Target {

    /** For metrics: one name for each kind of target. */
    default String route() {
        return getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    /** What asks for something of one package. */
    sealed interface OfPackage extends Target {
        String name();
    }

    /** {@code /name}, {@code /@scope%2fname}, {@code /@scope/name}. */
    record Packument(String name) implements OfPackage {}

    /** {@code /name/1.0.0}, {@code /name/latest}: one version's manifest. */
    record Manifest(String name, String version) implements OfPackage {}

    /** {@code /-/package/name/dist-tags}. */
    record DistTags(String name) implements OfPackage {}

    /** {@code /name/-/name-1.0.0.tgz}; {@code file} is safe to append to a registry's address. */
    record Tarball(String name, String file) implements OfPackage {
        String path() {
            return PackageName.urlPath(name) + "/-/" + file;
        }
    }

    /** {@code /_all_docs}. */
    record AllDocs(String query) implements Target {}

    /** {@code /-/ping}. */
    record Ping() implements Target {}

    /** {@code /-/health}. */
    record Health() implements Target {}

    /** {@code /-/metrics}. */
    record Metrics() implements Target {}

    /** {@code /}. */
    record Root() implements Target {}

    /** An address of a registry's API that is not served here, or of no API. */
    record Unknown(String why) implements Target {}

    /** Names of files in a registry are of these characters; anything else in a redirect's address would be somebody's trick. */
    Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9@._~+!'()*-]+");

    /**
     * What {@code uri} asks for.
     *
     * @param uri as in the request line: a path with a query, or a whole address (RFC 9112 §3.2.2)
     */
    static Target of(String uri) {
        String text = uri.startsWith("/") ? uri : afterAuthority(uri);
        int mark = text.indexOf('?');
        String path = mark < 0 ? text : text.substring(0, mark);
        String query = mark < 0 ? "" : text.substring(mark + 1);
        if (path.startsWith("/-/")) {
            return ofApi(path);
        }
        return switch (path) {
            case "", "/" -> new Root();
            case "/_all_docs" -> new AllDocs(query);
            default -> ofPackage(path.endsWith("/") ? path.substring(1, path.length() - 1) : path.substring(1));
        };
    }

    private static String afterAuthority(String uri) {
        int scheme = uri.indexOf("://");
        int slash = scheme < 0 ? -1 : uri.indexOf('/', scheme + 3);
        return slash < 0 ? "/" : uri.substring(slash);
    }

    private static Target ofApi(String path) {
        String tags = "/-/package/";
        if (path.startsWith(tags) && path.endsWith("/dist-tags")) {
            String name = path.substring(tags.length(), Math.max(tags.length(), path.length() - "/dist-tags".length()));
            return named(name, DistTags::new);
        }
        return switch (path) {
            case "/-/ping" -> new Ping();
            case "/-/health" -> new Health();
            case "/-/metrics" -> new Metrics();
            case "/-/v1/search" -> new Unknown("This mirror does not search.");
            default -> new Unknown("Not found");
        };
    }

    private static Target ofPackage(String path) {
        int tarball = path.indexOf("/-/");
        if (tarball > 0) {
            String file = path.substring(tarball + 3);
            boolean plain = FILE_NAME.matcher(file).matches();
            return plain
                    ? named(path.substring(0, tarball), name -> new Tarball(name, file))
                    : new Unknown("Not found");
        }
        int end = path.indexOf('/');
        if (end > 0
                && path.startsWith("@")
                && !path.substring(0, end).toLowerCase(Locale.ROOT).contains("%2f")) {
            end = path.indexOf('/', end + 1);
        }
        if (end < 0) {
            return named(path, Packument::new);
        }
        String version = path.substring(end + 1);
        return named(path.substring(0, end), name -> new Manifest(name, unescaped(version)));
    }

    /** A version or tag, which npm escapes as it does names, and which may have a {@code +}. */
    private static String unescaped(String version) {
        return URLDecoder.decode(version.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static Target named(String raw, Function<String, Target> target) {
        try {
            return target.apply(PackageName.normalize(raw));
        } catch (IllegalArgumentException e) {
            return new Unknown("Not found"); // as npm answers for what cannot be a name
        }
    }
}
