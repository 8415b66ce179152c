package io.alldocs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.http.NpmConfig.InForce;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the npm configuration that the other commands use in this folder. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Prints the npm configuration that applies in this folder: each setting, its value and its source."
                    + " Secrets are masked. Sends no requests.",
            "Precedence, highest first: options of a command, NPM_REGISTRY and NPM_TOKEN, npm_config_ variables."
                    + " The .npmrc files of the project and of the user, and the global npmrc follow."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "2:a setting or a configuration file is invalid"})
final class ConfigCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Mixin
    private OutputOptions output = new OutputOptions();

    ConfigCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        List<InForce> settings = Environment.npmConfig(environment).settings();
        PrintWriter out = output.out();
        if (output.json()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            settings.forEach(setting -> array.addObject()
                    .put("name", setting.name())
                    .put("value", setting.value())
                    .put("source", setting.source()));
            out.println(array.toPrettyString());
        } else {
            settings.forEach(setting ->
                    out.println(setting.name() + " = " + setting.value() + "  (from " + setting.source() + ")"));
        }
        out.flush();
        return ExitCode.COMPLETE;
    }
}
