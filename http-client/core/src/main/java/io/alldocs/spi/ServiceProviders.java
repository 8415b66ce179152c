package io.alldocs.spi;

import io.alldocs.Env;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * The providers of one kind that ServiceLoader finds, and the selection of one of them. A variable that names a
 * provider takes precedence; otherwise {@code RUNTIME} determines it. Immutable.
 *
 * @param kind kind of service
 * @param found providers that were loaded
 * @param broken errors of the providers that could not be loaded
 */
public record ServiceProviders<P>(Kind<P> kind, List<P> found, List<Throwable> broken) {

    /** Value of {@code RUNTIME} when it is not set. */
    public static final String DEFAULT_RUNTIME = "jvm";

    /** Copies the lists. */
    public ServiceProviders {
        found = List.copyOf(found);
        broken = List.copyOf(broken);
    }

    /**
     * A kind of service.
     *
     * @param type interface that providers implement
     * @param label name of the kind in messages, such as {@code storage driver}
     * @param variable variable that names a provider, such as {@code STORAGE_DRIVER}
     * @param name returns the name of a provider
     * @param runtimes returns the runtimes for which a provider is the default
     * @param spiVersion returns the SPI version that a provider was compiled against
     * @param currentSpiVersion SPI version of this library
     * @param artifacts artifacts of this project, without their group, by the name or runtime of the provider that they
     *     contain
     */
    public record Kind<P>(
            Class<P> type,
            String label,
            String variable,
            Function<P, String> name,
            Function<P, Set<String>> runtimes,
            ToIntFunction<P> spiVersion,
            int currentSpiVersion,
            Map<String, String> artifacts) {}

    /**
     * Finds the providers that {@code loader} loads. The caller makes the loader, because only the module that declares
     * the use of a service may load it.
     */
    public static <P> ServiceProviders<P> find(Kind<P> kind, ServiceLoader<P> loader) {
        List<P> found = new ArrayList<>();
        List<Throwable> broken = new ArrayList<>();
        Iterator<P> all = loader.iterator();
        boolean more = true;
        while (more) {
            try {
                more = all.hasNext();
                if (more) {
                    found.add(all.next());
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                broken.add(e);
            }
        }
        return new ServiceProviders<>(kind, found, broken);
    }

    /**
     * Returns the provider that the kind's variable names, or else the provider of the runtime.
     *
     * @throws IllegalStateException if no provider or more than one matches, or it was compiled against another SPI
     *     version. The message lists the providers found, those that could not be loaded, and the artifact to add
     */
    public P select(Env env) {
        return named(kind.variable(), env).orElseGet(() -> ofRuntime(env));
    }

    /**
     * Returns the provider that {@code variable} names, or empty if the variable is not set.
     *
     * @throws IllegalStateException under the conditions of {@link #select}
     */
    public Optional<P> named(String variable, Env env) {
        return env.get(variable)
                .map(String::trim)
                .map(name -> only(
                        variable,
                        name,
                        name,
                        provider -> kind.name().apply(provider).equals(name)));
    }

    /**
     * Returns the provider of the runtime.
     *
     * @throws IllegalStateException under the conditions of {@link #select}
     */
    public P ofRuntime(Env env) {
        String asked = env.get("RUNTIME").map(String::trim).orElse(DEFAULT_RUNTIME);
        String runtime = asked.equals("node") ? DEFAULT_RUNTIME : asked;
        return only(
                "RUNTIME",
                asked,
                runtime,
                provider -> kind.runtimes().apply(provider).contains(runtime));
    }

    private P only(String variable, String value, String wanted, Predicate<P> matches) {
        List<P> matching = found.stream().filter(matches).toList();
        if (matching.isEmpty()) {
            throw problem("No " + kind.label() + " for " + variable + "=" + value + "; found " + names() + ". "
                    + advice(wanted));
        }
        if (matching.size() > 1) {
            boolean mayBeNamed = variable.equals("RUNTIME") && !kind.variable().equals("RUNTIME");
            String hint = mayBeNamed
                    ? "Set " + kind.variable() + " to one of them, or remove one artifact from the class path"
                    : "Remove one of them from the class path";
            throw problem("Two " + kind.label() + "s for " + variable + "=" + value + ": " + classes(matching) + ". "
                    + hint + ".");
        }
        P provider = matching.get(0);
        int version = kind.spiVersion().applyAsInt(provider);
        if (version != kind.currentSpiVersion()) {
            throw problem("The " + kind.label() + " " + kind.name().apply(provider) + " ("
                    + provider.getClass().getName() + ") uses version " + version
                    + " of the SPI, but this library uses version " + kind.currentSpiVersion()
                    + ". Use artifacts of the same release.");
        }
        return provider;
    }

    /** Names the artifact to add if there is one; for a mistyped name, suggests the nearest known name. */
    private String advice(String wanted) {
        String artifact = kind.artifacts().get(wanted);
        if (artifact != null) {
            return "Add io.alldocs:" + artifact + ".";
        }
        Set<String> known = new TreeSet<>(kind.artifacts().keySet());
        known.addAll(names());
        return NearestName.to(wanted, known)
                .map(name -> "Did you mean " + name + "?")
                .orElse("Your own " + kind.label()
                        + " must be on the class path, with a file in META-INF/services that names its "
                        + kind.type().getSimpleName() + ".");
    }

    private IllegalStateException problem(String message) {
        String tail = broken.isEmpty()
                ? ""
                : " Could not be loaded: "
                        + broken.stream().map(Throwable::getMessage).toList() + ".";
        IllegalStateException problem = new IllegalStateException(message + tail);
        broken.forEach(problem::addSuppressed);
        return problem;
    }

    private Set<String> names() {
        Set<String> names = new TreeSet<>();
        found.forEach(provider -> names.add(kind.name().apply(provider)));
        return names;
    }

    private List<String> classes(List<P> providers) {
        return providers.stream()
                .map(provider ->
                        kind.name().apply(provider) + " (" + provider.getClass().getName() + ")")
                .toList();
    }
}
