package io.alldocs.worker.mirror;

import io.alldocs.packument.PackageName;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/** The resource that a request's address identifies. */
sealed interface Target {

    /** The names for metrics. */
    ClassValue<String> ROUTES = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> kind) {
            return kind.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
        }
    };

    /** Returns a name for metrics, one for each kind of target. */
    static String route(Class<? extends Target> kind) {
        return ROUTES.get(kind);
    }

    /** A target that belongs to one package. */
    sealed interface OfPackage extends Target {
        String name();
    }

    /** {@code /name}, {@code /@scope%2fname}, {@code /@scope/name}. */
    record Packument(String name) implements OfPackage {}

    /** {@code /name/1.0.0}, {@code /name/latest}: one version's manifest. */
    record Manifest(String name, String version) implements OfPackage {}

    /** {@code /-/package/name/dist-tags}. */
    record DistTags(String name) implements OfPackage {}

    /**
     * {@code /name/-/name-1.0.0.tgz}.
     *
     * @param file the percent-decoded path after {@code /-/}; it may contain slashes and is only compared, never
     *     appended to an address
     */
    record Tarball(String name, String file) implements OfPackage {}

    /** {@code /-/policy/name}: what the policy decides about each version. */
    record Policy(String name) implements OfPackage {}
    /** {@code /-/npm/v1/keys}: the keys with which the registry signs versions. */
    record Keys() implements Target {
        static final String PATH = "/-/npm/v1/keys";
    }

    /** {@code /-/npm/v1/attestations/name@1.0.0}. */
    record Attestations(String name, String version) implements OfPackage {
        static final String PATH = "/-/npm/v1/attestations/";
    }

    /**
     * {@code POST /-/npm/v1/security/advisories/bulk} and the older endpoints for audits.
     *
     * @param path one of {@link #PATHS}
     */
    record SecurityAudit(String path) implements Target {
        static final Set<String> PATHS = Set.of(
                "/-/npm/v1/security/advisories/bulk", "/-/npm/v1/security/audits", "/-/npm/v1/security/audits/quick");
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

    /** An address of a registry API that is not supported, or of no API. */
    record Unknown(String why) implements Target {}

    /**
     * Parses {@code uri}.
     *
     * @param uri as in the request line: a path with a query, or an absolute URI (RFC 9112 §3.2.2)
     */
    static Target of(String uri) {
        if (!uri.startsWith("/") && !uri.contains("://")) {
            return new Unknown("Not found");
        }
        String text = uri.startsWith("/") ? uri : afterAuthority(uri);
        int mark = text.indexOf('?');
        String path = Escapes.normalized(mark < 0 ? text : text.substring(0, mark));
        String query = mark < 0 ? "" : text.substring(mark + 1);
        // "-" is a valid name too; /-/-/--1.0.0.tgz is one of its tarballs.
        if (path.startsWith("/-/") && !path.startsWith("/-/-/")) {
            return ofApi(path);
        }
        return switch (path) {
            case "", "/" -> new Root();
            case "/_all_docs" -> new AllDocs(query);
            default -> ofPackage(path.endsWith("/") ? path.substring(1, path.length() - 1) : path.substring(1));
        };
    }

    private static String afterAuthority(String uri) {
        int slash = uri.indexOf('/', uri.indexOf("://") + 3);
        return slash < 0 ? "/" : uri.substring(slash);
    }

    private static Target ofApi(String path) {
        String tags = "/-/package/";
        if (path.startsWith(tags) && path.endsWith("/dist-tags")) {
            String name = path.substring(tags.length(), Math.max(tags.length(), path.length() - "/dist-tags".length()));
            return named(name, DistTags::new);
        }
        String policy = "/-/policy/";
        if (path.startsWith(policy)) {
            return named(path.substring(policy.length()), Policy::new);
        }
        if (path.startsWith(Attestations.PATH)) {
            String spec = path.substring(Attestations.PATH.length());
            int at = spec.lastIndexOf('@');
            return at < 1
                    ? new Unknown("Not found")
                    : named(
                            spec.substring(0, at),
                            name -> new Attestations(name, Escapes.decoded(spec.substring(at + 1))));
        }
        if (SecurityAudit.PATHS.contains(path)) {
            return new SecurityAudit(path);
        }
        return switch (path) {
            case Keys.PATH -> new Keys();
            case "/-/ping" -> new Ping();
            case "/-/health" -> new Health();
            case "/-/metrics" -> new Metrics();
            case "/-/v1/search" -> new Unknown("This mirror does not support search");
            default -> new Unknown("Not found");
        };
    }

    private static Target ofPackage(String path) {
        if (path.indexOf('/') < 0) {
            return named(path, Packument::new);
        }
        List<String> segments = List.of(path.split("/", -1));
        int named = isScopeAlone(segments) ? 2 : 1;
        String name = String.join("/", segments.subList(0, named));
        List<String> rest = segments.subList(named, segments.size());
        if (rest.isEmpty()) {
            return named(name, Packument::new);
        }
        if (rest.get(0).equals("-") && rest.size() > 1) {
            return named(name, n -> new Tarball(n, Escapes.decoded(String.join("/", rest.subList(1, rest.size())))));
        }
        return rest.size() == 1
                ? named(name, n -> new Manifest(n, Escapes.decoded(rest.get(0))))
                : new Unknown("Not found");
    }

    /**
     * Returns whether the name's second part is the next segment. {@code @-/-} is a name, so in
     * {@code /@scope/-/FILE.tgz} the name is {@code @scope} only.
     */
    private static boolean isScopeAlone(List<String> segments) {
        String first = segments.get(0);
        boolean scope = first.startsWith("@") && !first.contains("%2F") && segments.size() > 1;
        boolean tarballOfScope = segments.size() == 3
                && segments.get(1).equals("-")
                && segments.get(2).endsWith(".tgz");
        return scope && !tarballOfScope;
    }

    private static Target named(String raw, Function<String, Target> target) {
        try {
            return target.apply(PackageName.normalize(raw));
        } catch (IllegalArgumentException e) {
            return new Unknown("Not found"); // npm's response for an invalid name
        }
    }
}
