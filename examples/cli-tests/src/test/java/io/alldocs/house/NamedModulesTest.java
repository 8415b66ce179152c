package io.alldocs.house;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Checks the modules of this project that have a {@code module-info}, as the module path sees them. */
class NamedModulesTest {
    private static final String SERVICES = "META-INF/services/";

    private static final List<ModuleReference> ON_CLASS_PATH = Arrays.stream(
                    System.getProperty("java.class.path").split(File.pathSeparator))
            .flatMap(entry -> ModuleFinder.of(Path.of(entry)).findAll().stream())
            .toList();

    private static final List<ModuleReference> OURS = ON_CLASS_PATH.stream()
            .filter(each -> each.descriptor().name().startsWith("io.alldocs.")
                    && !each.descriptor().isAutomatic())
            .toList();

    @Test
    void modules_exportEveryPackage_butInternalOnes() {
        assertThat(OURS).isNotEmpty();
        for (ModuleReference module : OURS) {
            Set<String> exported = module.descriptor().exports().stream()
                    .filter(exports -> !exports.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());
            Set<String> api = module.descriptor().packages().stream()
                    .filter(name -> !(name + ".").contains(".internal."))
                    .collect(Collectors.toSet());

            assertThat(exported).as(module.descriptor().name()).isEqualTo(api);
        }
    }

    @Test
    void modules_provideTheSameServices_onTheClassPathAndOnTheModulePath() throws Exception {
        for (ModuleReference module : OURS) {
            Map<String, Set<String>> provided = new TreeMap<>();
            module.descriptor()
                    .provides()
                    .forEach(provides -> provided.put(provides.service(), new TreeSet<>(provides.providers())));

            assertThat(services(module)).as(module.descriptor().name()).isEqualTo(provided);
        }
    }

    @Test
    void modules_resolveTogether() {
        Set<String> names =
                OURS.stream().map(each -> each.descriptor().name()).collect(Collectors.toCollection(TreeSet::new));

        Configuration resolved = ModuleLayer.boot().configuration().resolve(required(), ModuleFinder.of(), names);

        assertThat(resolved.modules()).extracting(ResolvedModule::name).containsAll(names);
    }

    /** Finds our modules and the libraries that they require, directly or through others. */
    private static ModuleFinder required() {
        Set<String> names = new HashSet<>();
        Set<ModuleReference> found = new HashSet<>(OURS);
        int before = 0;
        while (found.size() > before) {
            before = found.size();
            found.forEach(each ->
                    each.descriptor().requires().stream().map(Requires::name).forEach(names::add));
            ON_CLASS_PATH.stream()
                    .filter(each -> names.contains(each.descriptor().name()))
                    .forEach(found::add);
        }
        return ModuleFinder.of(found.stream()
                .map(each -> Path.of(each.location().orElseThrow()))
                .toArray(Path[]::new));
    }

    private static Map<String, Set<String>> services(ModuleReference module) throws IOException {
        Map<String, Set<String>> services = new TreeMap<>();
        try (ModuleReader reader = module.open()) {
            List<String> files = reader.list()
                    .filter(name -> name.startsWith(SERVICES) && !name.endsWith("/"))
                    .toList();
            for (String file : files) {
                services.put(file.substring(SERVICES.length()), lines(reader, file));
            }
        }
        return services;
    }

    private static Set<String> lines(ModuleReader reader, String file) throws IOException {
        try (InputStream in = reader.open(file).orElseThrow()) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
