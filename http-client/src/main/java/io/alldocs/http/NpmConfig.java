package io.alldocs.http;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@code .npmrc} files say: registry, registries of scopes, credentials per registry path. Immutable. */
public final class NpmConfig implements Credentials {

    private NpmConfig() {}

    /** Nothing configured. */
    public static NpmConfig empty() {
        throw new AssertionError("skeleton");
    }

    /** Reads one file; {@code ${NAME}} is replaced by {@code environment.apply("NAME")}; {@code NPM_TOKEN} from it serves the npm registry. */
    public static NpmConfig load(Path npmrc, Function<String, @Nullable String> environment) {
        throw new AssertionError("skeleton");
    }

    /** Only what the environment says ({@code NPM_TOKEN}). */
    public static NpmConfig fromEnvironment(Function<String, @Nullable String> environment) {
        throw new AssertionError("skeleton");
    }

    public Optional<URI> registry() {
        throw new AssertionError("skeleton");
    }

    /** The registry of {@code @scope}, if one is set. */
    public Optional<URI> registryForScope(String scope) {
        throw new AssertionError("skeleton");
    }

    @Override
    public Optional<String> authorizationFor(URI uri) {
        throw new AssertionError("skeleton");
    }
}
