package io.alldocs.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.alldocs.Env;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Loads the cache and its libraries as named modules. */
class CacheModuleTest {

    @Test
    void module_exportsNoInternalPackage_andStoresValuesWithItsMemoryDriver() throws Exception {
        Module module = layer().findModule("io.alldocs.cache").orElseThrow();

        Set<String> packages = module.getPackages();
        assertThat(packages).anyMatch(name -> name.contains(".internal"));
        assertThat(packages)
                .allSatisfy(
                        name -> assertThat(module.isExported(name)).as(name).isEqualTo(!name.contains(".internal")));
        Thread.currentThread().setContextClassLoader(module.getClassLoader());
        assertThat(storesAndReads(module)).hasToString("1");
    }

    @AfterEach
    void restoreLoader() {
        Thread.currentThread().setContextClassLoader(Cache.class.getClassLoader());
    }

    private static ModuleLayer layer() {
        ModuleFinder finder = ModuleFinder.of(Stream.of(
                        Cache.class,
                        Env.class,
                        ObjectMapper.class,
                        JsonFactory.class,
                        JsonProperty.class,
                        Caffeine.class)
                .map(CacheModuleTest::location)
                .toArray(Path[]::new));
        Configuration found = ModuleLayer.boot()
                .configuration()
                .resolveAndBind(finder, ModuleFinder.of(), Set.of("io.alldocs.cache"));
        return ModuleLayer.boot().defineModulesWithOneLoader(found, ClassLoader.getPlatformClassLoader());
    }

    private static Path location(Class<?> type) {
        try {
            URI place = type.getProtectionDomain().getCodeSource().getLocation().toURI();
            return Path.of(place);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object storesAndReads(Module module) throws ReflectiveOperationException {
        Class<?> env = module.getClassLoader().loadClass(Env.class.getName());
        Class<?> cache = module.getClassLoader().loadClass(Cache.class.getName());
        Object builder = cache.getMethod("builder").invoke(null);
        Object memory = env.getMethod("of", Map.class).invoke(null, Map.of("STORAGE_DRIVER", "memory"));
        builder.getClass().getMethod("env", env).invoke(builder, memory);
        try (AutoCloseable open =
                (AutoCloseable) builder.getClass().getMethod("build").invoke(builder)) {
            cache.getMethod("set", String.class, Object.class).invoke(open, "key", 1);
            Class<?> json = module.getClassLoader().loadClass(JsonTree.class.getName());
            Object found = cache.getMethod("get", String.class, Class.class).invoke(open, "key", json);
            return ((Optional<?>) found).orElseThrow();
        } catch (ReflectiveOperationException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
