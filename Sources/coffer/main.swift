internal import CommandLineTool

CofferTool.main()
