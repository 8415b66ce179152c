package io.alldocs.cache;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Finds storage drivers on the class path (ServiceLoader). */
public final class StorageDrivers {
    private static final String DEFAULT_RUNTIME = "jvm";

    /** Which of our artifacts a runtime's store is in. */
    private static final Map<String, String> STORE_OF_RUNTIME =
            Map.of(DEFAULT_RUNTIME, "filesystem", "cloudflare", "cloudflare", "fastly", "fastly", "cloudrun", "gcs");

    private StorageDrivers() {}

    /**
     * The driver named by {@code STORAGE_DRIVER}, else the one for {@code RUNTIME} (default jvm; node is an alias). Names are compared as they are.
     *
     * @throws IllegalStateException when none or two match or one speaks another SPI version; says what was found, which providers could not be loaded,
     *     and which artifact to add
     * @throws RuntimeException what the provider throws when the driver cannot be made
     */
    public static StorageDriver create(Env env) {
        Providers providers = Providers.find(ServiceLoader.load(StorageDriverProvider.class));
        return providers.select(env).create(env);
    }

    /**
     * The driver named by {@code CHECKPOINT_DRIVER}, for stores whose own driver cannot hold checkpoints. It reads the same variables as it would for
     * entries. Empty when none is named.
     *
     * @throws IllegalStateException as {@link #create}
     * @throws RuntimeException what the provider throws when the driver cannot be made
     */
    static Optional<StorageDriver> createForCheckpoints(Env env) {
        Providers providers = Providers.find(ServiceLoader.load(StorageDriverProvider.class));
        return providers.named("CHECKPOINT_DRIVER", env).map(provider -> provider.create(env));
    }

    /**
     * What is on the class path.
     *
     * @param found providers that loaded
     * @param broken what went wrong with the others
     */
    record Providers(List<StorageDriverProvider> found, List<Throwable> broken) {

        static Providers find(ServiceLoader<StorageDriverProvider> loader) {
            List<StorageDriverProvider> found = new ArrayList<>();
            List<Throwable> broken = new ArrayList<>();
            Iterator<StorageDriverProvider> all = loader.iterator();
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
            return new Providers(found, broken);
        }

        StorageDriverProvider select(Env env) {
            return named("STORAGE_DRIVER", env).orElseGet(() -> ofRuntime(env));
        }

        private Optional<StorageDriverProvider> named(String variable, Env env) {
            return env.get(variable)
                    .map(String::trim)
                    .map(name -> only(
                            variable + "=" + name,
                            name,
                            provider -> provider.name().equals(name)));
        }

        private StorageDriverProvider ofRuntime(Env env) {
            String asked = env.get("RUNTIME").map(String::trim).orElse(DEFAULT_RUNTIME);
            String runtime = asked.equals("node") ? DEFAULT_RUNTIME : asked;
            String store = STORE_OF_RUNTIME.getOrDefault(runtime, runtime);
            return only(
                    "RUNTIME=" + asked, store, provider -> provider.runtimes().contains(runtime));
        }

        private StorageDriverProvider only(String wanted, String store, Predicate<StorageDriverProvider> matches) {
            List<StorageDriverProvider> matching =
                    found.stream().filter(matches).toList();
            if (matching.isEmpty()) {
                throw problem("No storage driver for " + wanted + "; found " + names(found)
                        + ". Add io.alldocs:all-docs-storage-" + store + ".");
            }
            if (matching.size() > 1) {
                String hint = wanted.startsWith("RUNTIME") ? "Set STORAGE_DRIVER to one of them" : "Remove one of them";
                throw problem("Two storage drivers for " + wanted + ": " + classes(matching) + ". " + hint
                        + ", or leave one artifact away.");
            }
            StorageDriverProvider provider = matching.get(0);
            if (provider.spiVersion() != StorageDriverProvider.SPI_VERSION) {
                throw problem("The storage driver " + provider.name() + " ("
                        + provider.getClass().getName() + ") speaks version "
                        + provider.spiVersion() + " of the SPI, this library version "
                        + StorageDriverProvider.SPI_VERSION
                        + ". Use artifacts of the same release.");
            }
            return provider;
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

        private static TreeSet<String> names(List<StorageDriverProvider> providers) {
            TreeSet<String> names = new TreeSet<>(KeyOrder.UTF8);
            providers.forEach(provider -> names.add(provider.name()));
            return names;
        }

        private static List<String> classes(List<StorageDriverProvider> providers) {
            return providers.stream()
                    .map(provider ->
                            provider.name() + " (" + provider.getClass().getName() + ")")
                    .toList();
        }
    }
}
